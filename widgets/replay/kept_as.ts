/** Where the recording of a tab is kept in `sessionStorage` between two pages. */
export const KEPT_AS = "waypost:replay";
