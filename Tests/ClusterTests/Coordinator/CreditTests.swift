import Cluster
import Testing

@Suite("Coordinator: credit")
struct CreditTests {
    @Test func chunksGoOutInOrderAsFarAsCreditGoes() throws {
        var cluster = try TestCluster.ready(workers: 2, creditBytes: 400)
        let chunks = [ChunkWork.of(100, chunk: 0), .of(100, chunk: 1), .of(100, chunk: 2), .of(50, rank: 1)]
        #expect(cluster.begin(chunks).dispatched == [0, 1, 3])
        let directives = cluster.receive(TestCluster.result(chunks[1]), from: 0)
        #expect(directives.collected == [1])
        #expect(directives.dispatched == [2])
        #expect(cluster.receive(TestCluster.result(chunks[3]), from: 1).dispatched.isEmpty)
        #expect(cluster.receive(TestCluster.result(chunks[0]), from: 0).collected == [0])
        #expect(cluster.receive(TestCluster.result(chunks[2]), from: 0).last == .layerComplete)
    }

    @Test func aChunkBeyondTheCreditGoesOutAlone() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 100)
        let chunks = [ChunkWork.of(20), .of(500, chunk: 1), .of(20, chunk: 2), .of(20, chunk: 3)]
        #expect(cluster.begin(chunks).dispatched == [0])
        #expect(cluster.receive(TestCluster.result(chunks[0]), from: 0).dispatched == [1])
        #expect(cluster.receive(TestCluster.result(chunks[1]), from: 0).dispatched == [2, 3])
    }

    @Test func theHeaderDescribesTheChunk() throws {
        var cluster = try TestCluster.ready(workers: 2)
        let chunk = ChunkWork(rank: 1, chunk: 4, rows: 3, segments: 2, dispatchBytes: 160, replyBytes: 96)
        let envelope = Envelope(
            kind: .dispatch,
            epoch: TestCluster.epoch,
            step: 5,
            layer: 1,
            rank: 1,
            chunk: 4,
            segments: 2,
            rows: 3,
            payloadBytes: 160
        )
        #expect(
            cluster.begin([chunk], step: 5, layer: 1) == [.dispatch(index: 0, envelope: envelope, to: .worker(1))]
        )
    }

    @Test func aLayerWithoutChunksIsComplete() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.begin([]) == [.layerComplete])
        #expect(cluster.begin([.of(1)]).dispatched == [0])
    }

    @Test func creditComesBackWithEachLayer() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 100)
        for layer in 0..<5 as Range<UInt32> {
            #expect(cluster.begin([.of(50)], layer: layer).dispatched == [0])
            let directives = cluster.receive(TestCluster.result(.of(50), layer: layer), from: 0)
            #expect(directives.collected == [0])
            #expect(directives.last == .layerComplete)
        }
    }
}
