"""WebDAV-Push (https://github.com/bitfireAT/webdav-push): clients are told that a collection has changed."""
