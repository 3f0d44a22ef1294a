pytest_plugins = [
    "tests.plugin.selection",
    "tests.plugin.sockets",
    "tests.plugin.servers",
    "tests.plugin.databases",
    "tests.plugin.passwords",
    "tests.plugin.browser",
    "tests.plugin.examples",
    "tests.plugin.homes",
    "tests.plugin.searches",
]
