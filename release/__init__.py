"""What makes a release: archives, their contents, licences, a bill of materials. Not shipped."""
