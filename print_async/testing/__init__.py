"""What the tests of an application, and of this project, stand on."""
