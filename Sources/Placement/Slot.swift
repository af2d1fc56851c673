/// A place on a rank that holds one copy of an expert.
public struct Slot: Equatable, Sendable {
    /// The rank that the slot is on.
    public let rank: Int
    /// The place of the slot among the slots of its rank, from 0.
    public let localIndex: Int
    /// The logical expert that it holds.
    public let expert: Int

    /// A slot that holds `expert`.
    public init(rank: Int, localIndex: Int, expert: Int) {
        self.rank = rank
        self.localIndex = localIndex
        self.expert = expert
    }
}
