/// The work of one exchange: what is waiting for credit, out, or back.
struct ExchangeProgress: Equatable, Sendable {
    /// How far a piece of work is.
    enum Stage: Equatable, Sendable {
        case waiting
        case sent
        case collected
        case released
    }

    /// Names a piece of work: each rank has at most one per chunk.
    private struct Key: Hashable {
        let rank: Int
        let chunk: Int
    }

    let id: ExchangeID
    /// Counts the exchanges of the run, from 1.
    let number: UInt32
    let deadline: Nanoseconds

    private(set) var works: [ChunkWork] = []
    private var indices: [Key: Int] = [:]
    /// Indices of `works` that wait for credit, per rank, and how many of them have gone out.
    private var waiting: [[Int]]
    private var gone: [Int]
    /// How far each piece of work is.
    var stages: [Stage] = []

    init(id: ExchangeID, number: UInt32, deadline: Nanoseconds, ranks: Int) {
        self.id = id
        self.number = number
        self.deadline = deadline
        waiting = [[Int]](repeating: [], count: ranks)
        gone = [Int](repeating: 0, count: ranks)
    }

    mutating func append(_ work: ChunkWork) {
        indices[Key(rank: work.rank, chunk: work.chunk)] = works.count
        waiting[work.rank].append(works.count)
        works.append(work)
        stages.append(.waiting)
    }

    /// The next work of a rank that waits for credit.
    func nextWaiting(rank: Int) -> Int? {
        gone[rank] < waiting[rank].count ? waiting[rank][gone[rank]] : nil
    }

    mutating func takeWaiting(rank: Int) {
        stages[waiting[rank][gone[rank]]] = .sent
        gone[rank] += 1
    }

    var isWaiting: Bool { gone.indices.contains { gone[$0] < waiting[$0].count } }

    /// The work of chunk number `chunk` for `rank`.
    func index(rank: Int, chunk: Int) -> Int? { indices[Key(rank: rank, chunk: chunk)] }
}
