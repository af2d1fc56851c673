import Cluster
import SimulatedNetwork
import TestSupport
import Testing

/// Steps in which anything that may happen happens at any time: whatever the order, every piece is collected once, within
/// credit and depth, and the step ends.
@Suite("Any order of a step's events")
struct StepMachinePropertyTests {
    @Test(arguments: (0..<20 as Range<UInt64>).map { $0 * 20..<$0 * 20 + 20 })
    func everyStepEnds(seeds: Range<UInt64>) {
        for seed in seeds {
            var run = RandomStep(seed: seed)
            run.run()
            #expect(run.wrongs.isEmpty, "seed \(seed)")
        }
    }
}

/// A driver that leaves the order of everything to chance.
private struct RandomStep {
    private(set) var wrongs: [String] = []
    private var random: SeededRandom
    private var machine: StepMachine<Int>
    private let credits: [Int]
    private let depth: Int
    private let batches: Int
    private let hasOwnExperts: Bool
    private var out: [StepMachine<Int>.Handover] = []
    /// Bytes that a rank has or whose results are held, piece by piece.
    private var held: [PieceID: Int] = [:]
    private var pieces: [Int: [PieceID]] = [:]
    /// Pieces that each chunk was built with, and chunks that are out, by exchange.
    private var due: [Int: Int] = [:]
    private var chunksOut: [ExchangeID: Int] = [:]
    private var collected: [PieceID: Int] = [:]
    private var absent: Set<Int> = []
    private var chunks = 0
    private var combined = 0
    private var ownJobs = 0
    private var finished: [ExchangeID] = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        let ranks = Int.random(in: 1...4, using: &random)
        var credits: [Int] = []
        for _ in 0..<ranks { credits.append(.random(in: 1...300, using: &random)) }
        self.credits = credits
        depth = .random(in: 1...4, using: &random)
        batches = .random(in: 1...2, using: &random)
        hasOwnExperts = random.happens(0.3)
        machine = StepMachine(
            StepBounds(credits: credits, depth: depth, patience: 1, hasOwnExperts: hasOwnExperts)
        )
        for rank in 0..<ranks { _ = machine.joined(rank: rank) }
    }

    mutating func run() {
        let ids = (0..<3).flatMap { layer in (0..<batches).map { ExchangeID(step: 0, layer: layer, batch: $0) } }
        machine.begin(ids)
        for _ in 0..<100_000 {
            if case .end = machine.next { break }
            if random.happens(0.5) { act() } else { suffer() }
        }
        if Set(finished) != Set(ids) { wrongs.append("finished \(finished)") }
        for batch in 0..<batches where finished.filter({ $0.batch == batch }) != ids.filter({ $0.batch == batch }) {
            wrongs.append("micro-batch \(batch) out of order: \(finished)")
        }
        if combined != chunks { wrongs.append("\(combined) of \(chunks) chunks combined") }
        let all = pieces.values.joined()
        if !all.allSatisfy({ collected[$0] == 1 }) { wrongs.append("pieces not collected once") }
        if !held.isEmpty { wrongs.append("credit that is not given back") }
    }

    /// Does what the machine says.
    private mutating func act() {
        switch machine.next {
        case .route:
            ownJobs += hasOwnExperts ? 1 : 0
            machine.routed(
                tokens: .random(in: 0...12, using: &random),
                chunkTokens: .random(in: 1...5, using: &random),
                now: 0
            )
        case .build(let id, let tokens): build(tokens, of: id)
        case .combine(let chunk, let id):
            combined += 1
            chunksOut[id, default: 0] -= 1
            if pieces[chunk]?.count != due[chunk] { wrongs.append("chunk \(chunk) combined without a piece") }
            for piece in pieces[chunk] ?? [] {
                if collected[piece] != 1 { wrongs.append("chunk \(chunk) combined without \(piece)") }
                held[piece] = nil
            }
            send(machine.combined())
        case .finish(let id):
            finished.append(id)
            machine.finished()
        case .look: machine.looked()
        case .wait, .end: break
        }
    }

    private mutating func build(_ tokens: Range<Int>, of id: ExchangeID) {
        var works: [ChunkWork] = []
        for rank in credits.indices where random.happens(0.7) {
            works.append(.of(.random(in: 1...120, using: &random), rank: rank))
        }
        chunks += 1
        pieces[chunks - 1] = []
        due[chunks - 1] = works.count
        chunksOut[id, default: 0] += 1
        if chunksOut[id, default: 0] > depth { wrongs.append("\(chunksOut[id, default: 0]) chunks out of \(id)") }
        let end = Int.random(in: tokens.lowerBound + 1...tokens.upperBound, using: &random)
        send(machine.built(chunks - 1, works: works, upTo: end))
    }

    private mutating func send(_ handovers: [StepMachine<Int>.Handover]) {
        for handover in handovers {
            let rank = handover.piece.rank
            if absent.contains(rank) { wrongs.append("sent to a rank that is gone") }
            held[handover.piece] = 2 * handover.work.dispatchBytes
            let own = held.filter { $0.key.rank == rank }
            if own.count > 1, own.values.reduce(0, +) > credits[rank] { wrongs.append("beyond the credit of \(rank)") }
            if pieces[handover.chunk]?.contains(handover.piece) == false {
                pieces[handover.chunk]?.append(handover.piece)
            }
            out.append(handover)
        }
    }

    /// Lets something happen.
    private mutating func suffer() {
        if ownJobs > 0, random.happens(0.3) {
            ownJobs -= 1
            machine.ownExpertsDone()
        } else if random.happens(0.05) {
            let rank = Int.random(in: 0..<credits.count, using: &random)
            let pieces = machine.lost(rank: rank)
            absent.insert(rank)
            if Set(pieces) != Set(out.filter { $0.piece.rank == rank }.map(\.piece)) {
                wrongs.append("lost \(pieces)")
            }
            for piece in pieces { held[piece] = nil }
            out.removeAll { $0.piece.rank == rank }
        } else if let rank = absent.randomElement(using: &random), random.happens(0.3) {
            absent.remove(rank)
            send(machine.joined(rank: rank))
        } else if let place = out.indices.randomElement(using: &random) {
            let handover = out.remove(at: place)
            guard machine.progress(of: handover.piece) == .out(handover.work, attempt: handover.attempt),
                let (chunk, part) = machine.collected(handover.piece), chunk == handover.chunk, part == handover.part
            else { return wrongs.append("\(handover.piece) was not awaited") }
            collected[handover.piece, default: 0] += 1
        }
    }
}
