"""The page objects of the site: read once, frozen, and printed by their templates."""
