"""The commands, by what they are about; `podium.cli.main` gives them their names."""
