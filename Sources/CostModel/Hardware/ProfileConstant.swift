/// The names of the numbers in one kind of profile: an enumeration whose raw values are the keys of its files.
public protocol ProfileConstant: CaseIterable, Hashable, RawRepresentable, Sendable where RawValue == String {
    /// The unit of its value.
    var unit: String { get }
    /// What it is, in one sentence.
    var meaning: String { get }
    /// The values that it may have.
    var range: ConstantRange { get }
    /// The constants that a file may lack because they came after its form was first used.
    static var later: Set<Self> { get }
}

extension ProfileConstant {
    /// None.
    public static var later: Set<Self> { [] }

    /// Checks that a profile has every constant, within its range.
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
