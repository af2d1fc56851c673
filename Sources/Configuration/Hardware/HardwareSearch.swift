/// Where hardware profiles may lie. Pure: it only lists places.
struct HardwareSearch {
    /// The environment variable that names a folder of one's own.
    static let variable = "EPSIM_HARDWARE"
    static let ending = ".yaml"

    let environment: [String: String]
    /// The running program, or nil when unknown.
    let executable: String?

    /// The folders to look in; a name that stands in several means the first.
    var folders: [String] {
        let own = [namedFolder, userFolder].compactMap(\.self)
        return own + ShippedFolders(name: "hardware", executable: executable).folders
    }

    /// The folder for profiles of one's own.
    var ownFolder: String? { namedFolder ?? userFolder }

    /// The folder that the variable names; an empty one names none.
    var namedFolder: String? { environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 } }

    /// The user's folder; a relative `XDG_CONFIG_HOME` is to be ignored (XDG Base Directory Specification 0.8).
    private var userFolder: String? {
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return "\(base)/epsim/hardware" }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return "\(home)/.config/epsim/hardware"
    }
}
