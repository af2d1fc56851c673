/// A hardware profile that can be loaded by its name.
public struct HardwareFile: Equatable, Sendable {
    /// The name.
    public let name: String
    /// Its file.
    public let path: String
}

extension [HardwareFile] {
    /// The one that somebody means by a name, in whatever case: that of this name, else the only one whose name begins with
    /// it and a dash, as `h100` means `H100-SXM`.
    func named(_ name: String) -> HardwareFile? {
        if let exact = first(where: { $0.name == name }) { return exact }
        let small = name.lowercased()
        if let same = first(where: { $0.name.lowercased() == small }) { return same }
        let longer = filter { $0.name.lowercased().hasPrefix("\(small)-") }
        return longer.count == 1 ? longer.first : nil
    }
}
