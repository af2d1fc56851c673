import Cluster
import Testing

/// The order of a step, event by event. Chunks are known by numbers that count on through a test.
@Suite("The order of a step")
struct StepMachineTests {
    /// A driver of one machine.
    struct Driver {
        var machine: StepMachine<Int>
        private var chunks = 0

        init(credits: [Int] = [1000], depth: Int = 4, hasOwnExperts: Bool = false) {
            machine = StepMachine(
                StepBounds(credits: credits, depth: depth, patience: 30 * second, hasOwnExperts: hasOwnExperts)
            )
            for rank in credits.indices { #expect(machine.joined(rank: rank).isEmpty) }
        }

        var next: String { machine.next.text }

        /// One token a chunk.
        mutating func route(tokens: Int, now: Nanoseconds = 0) {
            machine.routed(tokens: tokens, chunkTokens: 1, now: now)
        }

        /// Builds the next chunk of one token.
        @discardableResult
        mutating func build(_ works: ChunkWork...) -> [PieceID] {
            guard case .build(_, let tokens) = machine.next else {
                Issue.record("\(next) instead of a build")
                return []
            }
            chunks += 1
            defer { machine.looked() }
            return machine.built(chunks - 1, works: works, upTo: tokens.lowerBound + 1).map(\.piece)
        }
    }

    private let up = [ExchangeID(step: 0, layer: 0, batch: 0), ExchangeID(step: 0, layer: 1, batch: 0)]
    private func piece(_ exchange: UInt32, _ chunk: Int, _ rank: Int = 0) -> PieceID {
        PieceID(exchange: exchange, chunk: chunk, rank: rank)
    }

    @Test func aStepIsItsExchangesOneAfterTheOther() {
        var driver = Driver(credits: [1000, 1000])
        #expect(driver.next == "end")
        driver.machine.begin(up)
        for (number, id) in up.enumerated() {
            #expect(driver.next == "route \(id)")
            driver.route(tokens: 1)
            #expect(driver.next == "build 0..<1 of \(id)")
            let exchange = UInt32(number + 1)
            #expect(driver.build(.of(10), .of(10, rank: 1)) == [piece(exchange, 0), piece(exchange, 0, 1)])
            #expect(driver.next == "wait")
            #expect(driver.machine.collected(piece(exchange, 0, 1))?.part == 1)
            #expect(driver.next == "wait" && !driver.machine.hasCompleteChunk)
            #expect(driver.machine.collected(piece(exchange, 0))?.part == 0)
            #expect(driver.next == "combine \(number) of \(id)" && driver.machine.hasCompleteChunk)
            #expect(driver.machine.combined().isEmpty)
            #expect(driver.next == "finish \(id)")
            driver.machine.finished()
        }
        #expect(driver.next == "end")
    }

    /// While one travels, the other is routed and built.
    @Test func twoMicroBatchesTakeTurns() {
        var driver = Driver()
        let ids = (0..<2).flatMap { layer in (0..<2).map { ExchangeID(step: 0, layer: layer, batch: $0) } }
        driver.machine.begin(ids)
        driver.route(tokens: 1)
        driver.build(.of(10))
        #expect(driver.next == "route \(ids[1])")
        driver.route(tokens: 1)
        driver.build(.of(10))
        #expect(driver.next == "wait")
        _ = driver.machine.collected(piece(1, 0))
        _ = driver.machine.combined()
        driver.machine.finished()
        #expect(driver.next == "route \(ids[2])")
        driver.route(tokens: 1)
        _ = driver.machine.collected(piece(2, 0))
        #expect(driver.next == "combine 1 of \(ids[1])", "what has begun goes before what has not")
    }

    @Test func aStepMayGoDown() {
        var driver = Driver()
        driver.machine.begin(up.reversed())
        #expect(driver.next == "route layer 1 of step 0")
    }

    /// Results do not lie unread while further chunks are built.
    @Test func whatHasArrivedIsReadBehindEachChunk() {
        var driver = Driver()
        driver.machine.begin([up[0]])
        driver.route(tokens: 3)
        _ = driver.machine.built(0, works: [.of(10)], upTo: 1)
        #expect(driver.next == "look")
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.next == "combine 0 of \(up[0])")
        _ = driver.machine.combined()
        #expect(driver.next == "build 1..<2 of \(up[0])", "what is combined was read just before")
        _ = driver.machine.built(1, works: [.of(10)], upTo: 2)
        driver.machine.looked()
        #expect(driver.next == "build 2..<3 of \(up[0])")
    }

    /// Nobody computes anything for tokens that lost all their copies.
    @Test func aChunkForNobodyIsCombinedAtOnce() {
        var driver = Driver()
        driver.machine.begin([up[0]])
        driver.route(tokens: 2)
        #expect(driver.build().isEmpty)
        #expect(driver.next == "combine 0 of \(up[0])")
        _ = driver.machine.combined()
        #expect(driver.next == "build 1..<2 of \(up[0])")
        driver.build()
        _ = driver.machine.combined()
        driver.machine.finished()
        #expect(driver.next == "end")
    }

    @Test func anExchangeWithoutTokensIsFinishedAtOnce() {
        var driver = Driver()
        driver.machine.begin([up[0]])
        driver.route(tokens: 0)
        #expect(driver.next == "finish \(up[0])")
    }

    /// A builder may end a chunk before the tokens that it was asked for.
    @Test func aShorterChunkLeavesTheRestToTheNext() {
        var driver = Driver()
        driver.machine.begin([up[0]])
        driver.machine.routed(tokens: 10, chunkTokens: 5, now: 0)
        #expect(driver.next == "build 0..<5 of \(up[0])")
        _ = driver.machine.built(0, works: [], upTo: 2)
        _ = driver.machine.combined()
        #expect(driver.next == "look", "nothing was read yet")
        driver.machine.looked()
        #expect(driver.next == "build 2..<7 of \(up[0])")
    }

    @Test func noMoreChunksAreOutThanTheDepth() {
        var driver = Driver(depth: 2)
        driver.machine.begin([up[0]])
        driver.route(tokens: 3)
        driver.build(.of(10))
        driver.build(.of(10))
        #expect(driver.next == "wait")
        _ = driver.machine.collected(piece(1, 0))
        _ = driver.machine.combined()
        #expect(driver.next == "build 2..<3 of \(up[0])")
    }

    @Test func theCoordinatorsOwnExpertsAreWaitedFor() {
        var driver = Driver(hasOwnExperts: true)
        driver.machine.begin([up[0]])
        driver.route(tokens: 1)
        driver.build()
        _ = driver.machine.combined()
        #expect(driver.next == "wait")
        driver.machine.ownExpertsDone()
        #expect(driver.next == "finish \(up[0])")
        var early = Driver(hasOwnExperts: true)
        early.machine.begin([up[0]])
        early.route(tokens: 1)
        early.machine.ownExpertsDone()
        early.build()
        #expect(early.next == "combine 0 of \(up[0])")
        _ = early.machine.combined()
        #expect(early.next == "finish \(up[0])")
    }

    @Test func workGoesOutAsFarAsCreditGoes() {
        var driver = Driver(credits: [400, 400])
        driver.machine.begin([up[0]])
        driver.route(tokens: 4)
        #expect(driver.build(.of(100)) == [piece(1, 0)])
        #expect(driver.build(.of(100), .of(50, rank: 1)) == [piece(1, 1), piece(1, 1, 1)])
        #expect(driver.build(.of(100), .of(50, rank: 1)) == [piece(1, 2, 1)])
        #expect(driver.next == "wait", "a piece waits for credit")
        #expect(driver.machine.progress(of: piece(1, 2)) == .notGiven)
        #expect(driver.machine.collected(piece(1, 2)) == nil)
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.machine.combined().map(\.piece) == [piece(1, 2)])
        #expect(driver.next == "build 3..<4 of \(up[0])")
    }

    /// A result that lies here takes as much memory as when it was on its way.
    @Test func creditIsHeldUntilTheChunkIsCombined() {
        var driver = Driver(credits: [200, 1000])
        driver.machine.begin([up[0]])
        driver.route(tokens: 2)
        driver.build(.of(100), .of(10, rank: 1))
        #expect(driver.build(.of(10)).isEmpty)
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.next == "wait", "the other rank has not answered")
        _ = driver.machine.collected(piece(1, 0, 1))
        #expect(driver.machine.combined().map(\.piece) == [piece(1, 1)])
    }

    @Test func aWorkBeyondTheCreditGoesOutAlone() {
        var driver = Driver(credits: [100])
        driver.machine.begin([up[0]])
        driver.route(tokens: 2)
        driver.build(.of(20))
        #expect(driver.build(.of(500)).isEmpty)
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.machine.combined().map(\.piece) == [piece(1, 1)])
    }

    /// A small work of the younger exchange must not pass a large one of the older: the older would wait for ever.
    @Test func theOlderExchangeGoesFirst() {
        var driver = Driver(credits: [300])
        driver.machine.begin([up[0], ExchangeID(step: 0, layer: 0, batch: 1)])
        driver.route(tokens: 2)
        #expect(driver.build(.of(100)) == [piece(1, 0)])
        #expect(driver.build(.of(100)).isEmpty)
        driver.route(tokens: 1)
        #expect(driver.build(.of(10)).isEmpty)
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.machine.combined().map(\.piece) == [piece(1, 1), piece(2, 0)])
    }

    @Test func aResultCountsOnce() {
        var driver = Driver()
        driver.machine.begin([up[0]])
        driver.route(tokens: 2)
        driver.build(.of(10))
        #expect(driver.machine.progress(of: piece(1, 0)) == .out(.of(10), attempt: 0))
        #expect(driver.machine.collected(piece(1, 0)) != nil)
        #expect(driver.machine.collected(piece(1, 0)) == nil)
        #expect(driver.machine.progress(of: piece(1, 0)) == .returned)
        _ = driver.machine.combined()
        #expect(driver.machine.collected(piece(1, 0)) == nil)
        #expect(driver.machine.progress(of: piece(1, 0)) == .returned)
        for unknown in [piece(1, 1), piece(1, 0, 5), piece(2, 0)] {
            #expect(driver.machine.progress(of: unknown) == .notGiven)
        }
        #expect(driver.machine.id(ofExchange: 1) == up[0] && driver.machine.id(ofExchange: 2) == nil)
        #expect([0, 1, 2, .max].map { driver.machine.hasBegun(exchange: $0) } == [true, true, false, true])
    }

    @Test func whatIsLateIsNamed() {
        var driver = Driver(credits: [1000, 1000], hasOwnExperts: true)
        driver.machine.begin([up[0]])
        driver.route(tokens: 1, now: second)
        driver.build(.of(10), .of(10, rank: 1))
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.machine.timePassed(now: 31 * second) == nil)
        #expect(driver.machine.timePassed(now: 31 * second + 1) == Overdue(exchange: up[0], ranks: [1]))
        _ = driver.machine.collected(piece(1, 0, 1))
        #expect(driver.machine.timePassed(now: 32 * second) == Overdue(exchange: up[0], ranks: []))
        driver.machine.ownExpertsDone()
        #expect(driver.machine.timePassed(now: 32 * second) == nil)
    }

    /// What a lost rank had goes out again, in order and before the rest, as a further attempt.
    @Test func whatALostRankHadGoesOutAgain() {
        var driver = Driver(credits: [1000, 45])
        driver.machine.begin([up[0]])
        driver.route(tokens: 4)
        driver.build(.of(10), .of(10, rank: 1))
        driver.build(.of(10, rank: 1))
        driver.build(.of(10, rank: 1))
        _ = driver.machine.collected(piece(1, 0))
        #expect(driver.machine.lost(rank: 1) == [piece(1, 0, 1), piece(1, 1, 1)])
        #expect(driver.machine.collected(piece(1, 0, 1)) == nil, "an answer from before")
        let again = driver.machine.joined(rank: 1)
        #expect(again.map(\.piece) == [piece(1, 0, 1), piece(1, 1, 1)])
        #expect(again.map(\.attempt) == [1, 1])
        _ = driver.machine.collected(piece(1, 0, 1))
        #expect(driver.machine.combined().map(\.attempt) == [0])
    }

    @Test func nothingGoesToARankThatIsNotThere() {
        var driver = Driver(credits: [1000, 1000])
        _ = driver.machine.lost(rank: 1)
        driver.machine.begin([up[0]])
        driver.route(tokens: 1)
        #expect(driver.build(.of(10), .of(10, rank: 1)) == [piece(1, 0)])
        #expect(driver.machine.joined(rank: 1).map(\.piece) == [piece(1, 0, 1)])
    }
}

extension StepMachine<Int>.Action {
    /// The action in words.
    var text: String {
        switch self {
        case .route(let id): "route \(id)"
        case .build(let id, let tokens): "build \(tokens) of \(id)"
        case .combine(let chunk, let id): "combine \(chunk) of \(id)"
        case .finish(let id): "finish \(id)"
        case .look: "look"
        case .wait: "wait"
        case .end: "end"
        }
    }
}
