"""A run as a page that explains itself: one HTML file, no script or style from elsewhere."""
