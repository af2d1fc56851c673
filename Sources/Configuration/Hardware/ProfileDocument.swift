public import CostModel

/// What a profile file says: a name, a line about it, and every constant of one kind of profile, or some and where the
/// others come from.
public struct ProfileDocument<Key: ProfileConstant>: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// What it is, in one line.
    public var summary: String
    /// The name of the profile that gives the other constants, if there is one.
    public var extends: String?
    /// A number for each key that it gives itself.
    public var constants: [Key: Constant]

    /// A document.
    public init(name: String, summary: String, extends: String? = nil, constants: [Key: Constant]) {
        self.name = name
        self.summary = summary
        self.extends = extends
        self.constants = constants
    }

    /// Its constants, and those of the profile that it extends: as assumed ones, unless they were assumed there already.
    ///
    /// - Parameters:
    ///   - base: the constants of that profile.
    ///   - source: its name.
    func constants(over base: [Key: Constant], of source: String) -> [Key: Constant] {
        let carried = base.mapValues { constant in
            constant.basis == .assumed
                ? constant : Constant(constant.value, basis: .assumed, source: "as on \(source)")
        }
        return carried.merging(constants) { $1 }
    }
}
