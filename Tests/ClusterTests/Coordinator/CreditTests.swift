import Cluster
import Testing

@Suite("Coordinator: credit")
struct CreditTests {
    @Test func worksGoOutInOrderAsFarAsCreditGoes() throws {
        var cluster = try TestCluster.ready(workers: 2, creditBytes: 400)
        let works = [ChunkWork.of(100), .of(100, chunk: 1), .of(100, chunk: 2), .of(50, rank: 1)]
        #expect(cluster.begin(works).dispatched == [0, 1, 3])
        #expect(cluster.machine.isWaiting(.first))
        #expect(cluster.collect(works[1]).collected == [1])
        #expect(cluster.machine.release([1], of: .first).dispatched == [2])
        #expect(!cluster.machine.isWaiting(.first))
    }

    /// A result that lies here takes as much memory as when it was on its way.
    @Test func creditIsHeldUntilTheResultIsReleased() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 200)
        #expect(cluster.begin([.of(100)]).dispatched == [0])
        #expect(cluster.collect(.of(100)).dispatched.isEmpty)
        #expect(cluster.machine.submit([.of(10, chunk: 1)], to: .first).isEmpty)
        #expect(cluster.machine.release([0], of: .first).dispatched == [1])
    }

    @Test func whatIsNotCollectedCannotBeReleased() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 200)
        let works = [ChunkWork.of(100), .of(100, chunk: 1), .of(100, chunk: 2)]
        _ = cluster.begin(works)
        #expect(cluster.machine.release([0, 1], of: .first).isEmpty)
        _ = cluster.collect(works[0])
        #expect(cluster.machine.release([0], of: .first).dispatched == [1])
        #expect(cluster.machine.release([0], of: .first).isEmpty)
    }

    @Test func aWorkBeyondTheCreditGoesOutAlone() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 100)
        let works = [ChunkWork.of(20), .of(500, chunk: 1), .of(20, chunk: 2), .of(20, chunk: 3)]
        #expect(cluster.begin(works).dispatched == [0])
        _ = cluster.collect(works[0])
        #expect(cluster.machine.release([0], of: .first).dispatched == [1])
        _ = cluster.collect(works[1])
        #expect(cluster.machine.release([1], of: .first).dispatched == [2, 3])
    }

    @Test func theHeaderDescribesTheWork() throws {
        var cluster = try TestCluster.ready(workers: 2)
        let layout = BatchLayout(
            segments: [.init(slot: 0, rows: 2), .init(slot: 1, rows: 1)],
            sentRows: 2,
            hidden: 8,
            form: .singles
        )
        let id = ExchangeID(step: 5, layer: 1, batch: 1)
        let envelope = Envelope(
            kind: .dispatch,
            epoch: TestCluster.epoch,
            step: 5,
            layer: 1,
            batch: 1,
            rank: 1,
            chunk: 4,
            segments: 2,
            rows: 3,
            sentRows: 2,
            exchange: 1,
            payloadBytes: 64 + 2 * 32
        )
        let work = ChunkWork(rank: 1, chunk: 4, layout: layout)
        #expect(work.replyBytes == 3 * 32)
        #expect(cluster.begin([work], id) == [.dispatch(id, index: 0, envelope: envelope, to: .worker(1))])
    }

    @Test func creditComesBackWithEachLayer() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 100)
        for layer in 0..<5 {
            let id = ExchangeID(step: 0, layer: layer, batch: 0)
            #expect(cluster.begin([.of(50)], id).dispatched == [0])
            #expect(cluster.collect(.of(50), id).collected == [0])
            #expect(cluster.machine.release([0], of: id).isEmpty)
            cluster.machine.end(id)
        }
    }

    @Test func whoEndsEarlyIsNotWaiting() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.begin([]).isEmpty)
        #expect(!cluster.machine.isWaiting(.first))
        cluster.machine.end(.first)
        #expect(cluster.machine.submit([.of(1)], to: .first).isEmpty)
        #expect(!cluster.machine.isWaiting(.first))
        #expect(cluster.machine.release([0], of: .first).isEmpty)
    }
}
