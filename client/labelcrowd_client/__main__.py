"""`python -m labelcrowd_client`: the same as `labelcrowd`."""

import sys

from labelcrowd_client.command import main

if __name__ == "__main__":
    sys.exit(main())
