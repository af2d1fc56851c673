/// The unit of a capacity's number: the names of ``CapacityRule/Size`` without their numbers.
public enum CapacityUnit: String, Codable, CaseIterable, Sendable {
    /// k S / E.
    case copies
    /// S / E.
    case tokens
    /// ceil(S / E).
    case roundedTokens = "rounded-tokens"
    /// S.
    case tokenFraction = "token-fraction"
    /// Nothing: the number is the capacity.
    case slots

    /// True where the number must be whole.
    public var isWhole: Bool { self == .slots }
}

extension CapacityRule.Size {
    /// A number of a unit, or nil when it is not finite, not above 0, or not whole where it must be.
    public init?(_ number: Double, _ unit: CapacityUnit) {
        guard number.isFinite && number > 0 else { return nil }
        switch unit {
        case .copies: self = .copies(number)
        case .tokens: self = .tokens(number)
        case .tokenFraction: self = .tokenFraction(number)
        case .roundedTokens: self = .roundedTokens(number)
        case .slots:
            guard let whole = Int(exactly: number) else { return nil }
            self = .slots(whole)
        }
    }

    /// What the number multiplies.
    public var unit: CapacityUnit {
        switch self {
        case .copies: .copies
        case .tokens: .tokens
        case .roundedTokens: .roundedTokens
        case .tokenFraction: .tokenFraction
        case .slots: .slots
        }
    }

    /// The number.
    public var number: Double {
        switch self {
        case .copies(let number), .tokens(let number), .roundedTokens(let number), .tokenFraction(let number): number
        case .slots(let number): Double(number)
        }
    }
}
