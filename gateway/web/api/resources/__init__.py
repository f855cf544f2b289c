"""What the API tells of and changes, a file for each subject."""
