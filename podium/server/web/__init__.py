"""The pages for a browser, served beside the API by the same process: see, understand and mend every run."""
