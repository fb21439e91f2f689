"""Print the versions of installed packages, as a JSON object."""

import json
import sys
from importlib.metadata import version

print(json.dumps({name: version(name) for name in sys.argv[1:]}))
