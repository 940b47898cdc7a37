"""Each metric, in a deployed spoke, under the permissions that modules/spoke makes for this metric alone."""
