/// One summand of a token's output: a row that a rank returns, and what multiplies it.
public struct CombineTerm: Equatable, Sendable {
    /// The rank that returns it.
    public let rank: Int32
    /// The row among those that the rank returns for the chunk.
    public let row: Int32
    /// What the coordinator multiplies it by.
    public let weight: Float
}
