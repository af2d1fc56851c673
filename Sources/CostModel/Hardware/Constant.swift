/// One number of a hardware profile, and why it should be believed.
public struct Constant: Codable, Equatable, Sendable {
    /// Where a number comes from.
    public enum Basis: String, Codable, CaseIterable, Sendable {
        /// The maker's data sheet.
        case datasheet
        /// Measured on this hardware.
        case measured
        /// Fitted to measurements on this hardware.
        case fitted
        /// Nobody measured it on this hardware: carried over from another one, or an estimate.
        case assumed
    }

    /// The number, in the unit of its ``HardwareConstant``.
    public var value: Double
    /// Where it comes from.
    public var basis: Basis
    /// The document, table or measurement.
    public var source: String
    /// How far it may be off, relative to the value, or nil when nobody said.
    public var spread: Double?

    /// A number with its origin.
    public init(_ value: Double, basis: Basis, source: String, spread: Double? = nil) {
        self.value = value
        self.basis = basis
        self.source = source
        self.spread = spread
    }
}
