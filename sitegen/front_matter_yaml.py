"""The YAML of front matter. Imported only where some has to be parsed, which builds seldom have to."""

from __future__ import annotations

import yaml

from sitegen.project import control_in


class Loader(yaml.SafeLoader):
    """YAML without what front matter has no use for: one part that stands for another, a few lines of which become gigabytes, texts with
    control characters, and bytes, in which they could hide.
    """

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        """Raises yaml.YAMLError, with the place, for what is left out."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, f"the alias *{event.anchor} is not used here: write it out", event.start_mark)
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode) and (control := control_in(node.value)):
            what = f"the control character {control} may stand in no page: take it out"
            raise yaml.composer.ComposerError(None, None, what, node.start_mark)
        if node.tag == "tag:yaml.org,2002:binary":
            raise yaml.composer.ComposerError(None, None, "!!binary is not used here: write it as text", node.start_mark)
        return node
