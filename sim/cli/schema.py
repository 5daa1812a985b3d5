"""`phased schema`."""

from __future__ import annotations

import click

from sim.cli import say


@click.command("schema")
@click.argument("kind", type=click.Choice(["evidence", "exercise", "losses", "policy", "results", "scenario"]))
def schema_command(kind: str) -> None:
    """Print the JSON Schema of a KIND of file, for editors; of results, what every file holds that a command writes.

    In a YAML file, `# yaml-language-server: $schema=policy.schema.json` as the first line names it.

    \b
      phased schema policy
      phased schema results
    """
    if kind == "results":
        from sim.cli.dictionary import document

        say.as_json(document())
        return
    from sim.spec.schema import json_schema

    say.as_json(json_schema(kind))
