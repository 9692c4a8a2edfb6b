"""The figures of pages that lead to the users behind them: a module for each page, with the addresses of its figures
(`…Links`) and whom such an address names (`named`)."""
