/// The names of the numbers in one kind of profile: an enumeration whose raw values are the keys of its files.
public protocol ProfileConstant: CaseIterable, Hashable, RawRepresentable, Sendable where RawValue == String {
    /// The unit of its value.
    var unit: String { get }
    /// What it is, in one sentence.
    var meaning: String { get }
    /// The values that it may have.
    var range: ConstantRange { get }
}
