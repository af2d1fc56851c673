/// A hardware profile that can be loaded by its name.
public struct HardwareFile: Equatable, Sendable {
    /// The name.
    public let name: String
    /// Its file.
    public let path: String
}

extension [HardwareFile] {
    /// The one that somebody means by a name: that of this name, else the only one whose name begins with it and a
    /// dash, as `H100` means `H100-SXM`.
    func named(_ name: String) -> HardwareFile? {
        if let exact = first(where: { $0.name == name }) { return exact }
        let longer = filter { $0.name.hasPrefix("\(name)-") }
        return longer.count == 1 ? longer.first : nil
    }
}
