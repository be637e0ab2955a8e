# topic: a namespace left behind is a failure
# reason: network namespaces left: forgotten
ip netns add forgotten
