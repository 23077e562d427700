"""Those who write random workflows: a pen that knows where it stands, and what it can write there."""
