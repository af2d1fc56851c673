import Cluster
import Testing

@Suite("Coordinator: two micro-batches")
struct ExchangeTests {
    @Test func resultsFindTheirExchange() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let works = [ChunkWork.of(10), .of(10, chunk: 1)]
        _ = cluster.begin(works, .first)
        _ = cluster.begin(works, .second)
        let stamps = WorkerStamps(received: 1, started: 2, finished: 3, returned: 4)
        #expect(cluster.collect(works[1], .second) == [.collect(.second, index: 1, stamps: stamps)])
        #expect(cluster.collect(works[1], .first) == [.collect(.first, index: 1, stamps: stamps)])
        #expect(cluster.collect(works[1], .second).isEmpty)
        #expect(cluster.collect(works[0], .second) == [.collect(.second, index: 0, stamps: stamps)])
    }

    /// A small work of the younger exchange must not pass a large one of the older: the older would wait for ever.
    @Test func theOlderExchangeGoesFirst() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 300)
        let older = [ChunkWork.of(100), .of(100, chunk: 1)]
        let younger = [ChunkWork.of(10), .of(10, chunk: 1)]
        #expect(cluster.begin(older, .first).dispatched == [0])
        #expect(cluster.begin(younger, .second).isEmpty)
        _ = cluster.collect(older[0], .first)
        let directives = cluster.machine.release([0], of: .first)
        #expect(directives.exchanges == [.first, .second, .second])
        #expect(directives.dispatched == [1, 0, 1])
    }

    @Test func aFullRankDoesNotHoldTheOthersUp() throws {
        var cluster = try TestCluster.ready(workers: 2, creditBytes: 200)
        #expect(cluster.begin([.of(100), .of(100, chunk: 1)], .first).dispatched == [0])
        let directives = cluster.begin([.of(10), .of(10, rank: 1)], .second)
        #expect(directives.exchanges == [.second])
        #expect(directives.dispatched == [1])
        #expect(cluster.machine.isWaiting(.first))
        #expect(cluster.machine.isWaiting(.second))
    }

    /// Both draw on one credit.
    @Test func theCreditOfARankIsForAllExchanges() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 200)
        _ = cluster.begin([.of(60)], .first)
        #expect(cluster.begin([.of(60)], .second).isEmpty)
        _ = cluster.collect(.of(60), .first)
        #expect(cluster.machine.release([0], of: .first).exchanges == [.second])
    }

    @Test func theNextLayerOfOneBeginsBesideTheOther() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let next = ExchangeID(step: 0, layer: 1, batch: 0)
        _ = cluster.begin([.of(10)], .first)
        _ = cluster.begin([.of(10)], .second)
        _ = cluster.collect(.of(10), .first)
        _ = cluster.machine.release([0], of: .first)
        cluster.machine.end(.first)
        #expect(cluster.begin([.of(10)], next).exchanges == [next])
        #expect(cluster.collect(.of(10), .first).isEmpty)
        #expect(cluster.collect(.of(10), next).collected == [0])
        #expect(cluster.collect(.of(10), .second).collected == [0])
    }

    /// Work comes chunk by chunk, and indices count on.
    @Test func workIsAddedWhileOtherIsOut() throws {
        var cluster = try TestCluster.ready(workers: 2)
        #expect(cluster.begin([.of(10), .of(10, rank: 1)]).dispatched == [0, 1])
        #expect(cluster.collect(.of(10, rank: 1)).collected == [1])
        #expect(cluster.machine.submit([.of(10, rank: 1, chunk: 1)], to: .first).dispatched == [2])
        #expect(cluster.collect(.of(10, rank: 1, chunk: 1)).collected == [2])
    }
}
