"""Starting and stopping everything on one machine: environments, secrets, ports, processes, first contents."""
