import CostModel

/// A profile while its file is read; nil where nothing was read yet.
struct ProfileDraft<Key: ProfileConstant>: Sendable {
    var name: String?
    var summary: String?
    var extends: String?
    private var constants: [Key: ConstantDraft] = [:]

    init() {}

    subscript(key: Key) -> ConstantDraft {
        get { constants[key] ?? ConstantDraft() }
        set { constants[key] = newValue }
    }
}

/// A constant while its mapping is read.
struct ConstantDraft: Sendable {
    var value: Double?
    var unit: String?
    var basis: Constant.Basis?
    var source: String?
    var spread: Double?

    /// The constant, or nil when something is missing.
    var constant: Constant? {
        guard let value, unit != nil, let basis, let source else { return nil }
        return Constant(value, basis: basis, source: source, spread: spread)
    }
}
