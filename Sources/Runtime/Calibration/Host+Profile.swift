public import CostModel

extension Host {
    /// Whether a profile was measured on a processor like this machine's, with as many cores.
    public static func isHost(of profile: HostProfile) -> Bool {
        profile.processor == processor && profile[.cores] == Double(cores)
    }
}
