import Testing

/// Every test that starts processes is in here: one after another, so that a small machine is not flooded.
@Suite(.serialized) enum RealProcesses {}
