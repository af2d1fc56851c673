/// One number of a hardware profile, with its origin.
public struct Constant: Codable, Equatable, Sendable {
    /// The kind of origin of a number.
    public enum Basis: String, Codable, CaseIterable, Sendable {
        /// The maker's data sheet.
        case datasheet
        /// Measured on this hardware.
        case measured
        /// Fitted to measurements on this hardware.
        case fitted
        /// Not measured on this hardware: carried over from other hardware, or an estimate.
        case assumed
    }

    /// The number, in the unit of its ``HardwareConstant``.
    public var value: Double
    /// The kind of origin of the number.
    public var basis: Basis
    /// The document, table or measurement that gives the number.
    public var source: String
    /// The error that the number may have, relative to its value, or nil when unknown.
    public var spread: Double?

    /// A number with its origin.
    public init(_ value: Double, basis: Basis, source: String, spread: Double? = nil) {
        self.value = value
        self.basis = basis
        self.source = source
        self.spread = spread
    }
}

/// The values that a constant of a profile may have.
public enum ConstantRange: Sendable {
    /// A number above 0, such as a divisor.
    case positive
    /// A number of 0 or above.
    case fromZero
    /// A share of a whole, above 0 and at most 1.
    case share
    /// A whole number from 1.
    case count

    private static let largestCount = 1e6
    /// The smallest positive and the largest number allowed, far outside of what hardware has, so that quotients stay
    /// finite.
    private static let (least, most) = (1e-9, 1e12)

    /// The values of the range, in words.
    public var allowed: String {
        switch self {
        case .positive: "a number from 1e-9 to 1e12"
        case .fromZero: "a number from 0 to 1e12"
        case .share: "a number from 1e-9 to 1"
        case .count: "an integer from 1 to \(Int(Self.largestCount))"
        }
    }

    /// Whether a number is in the range.
    public func contains(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return switch self {
        case .positive: (Self.least...Self.most).contains(value)
        case .fromZero: (0...Self.most).contains(value)
        case .share: (Self.least...1).contains(value)
        case .count: (1...Self.largestCount).contains(value) && value == value.rounded()
        }
    }
}

/// The names of the numbers in one kind of profile: an enumeration whose raw values are the keys of its files.
public protocol ProfileConstant: CaseIterable, Hashable, RawRepresentable, Sendable where RawValue == String {
    /// The unit of the constant's value.
    var unit: String { get }
    /// The meaning of the constant, in one sentence.
    var meaning: String { get }
    /// The values that the constant may have.
    var range: ConstantRange { get }
    /// The constants that a profile's file may lack, because they were added to the format later.
    static var later: Set<Self> { get }
}

extension ProfileConstant {
    /// The default: a profile's file must have all constants.
    public static var later: Set<Self> { [] }

    /// Check that a profile has every constant, within its range.
    ///
    /// - Throws: ``HardwareError`` with the first that is missing or not allowed.
    static func check(_ constants: [Self: Constant]) throws(HardwareError) {
        for constant in allCases {
            guard let value = constants[constant]?.value else {
                throw HardwareError("\(constant.rawValue): missing (\(constant.unit): \(constant.meaning))")
            }
            guard constant.range.contains(value) else {
                throw HardwareError("\(constant.rawValue): found \(value), allowed: \(constant.range.allowed)")
            }
        }
    }
}
