import Cluster
import Configuration
import CostModel
import MoE
import Records
import Testing

@testable import Runtime

/// From the exchanges of a step to its records.
@Suite struct StepTimelineTests {
    private func records(_ step: TestExchanges, layers: Int, workers: Int) throws -> StepTimeline.Records {
        let configuration = smallConfiguration {
            $0.model.layers = layers
            $0.model.experts = max(2, workers)
            $0.router.options.topK = 1
            $0.cluster.workers = workers
        }
        let timeline = StepTimeline(try SessionSetup(configuration, epoch: 1))
        return timeline.records(
            of: step.span,
            routings: step.routings,
            exchanges: step.exchanges,
            work: WorkClock(layers: layers)
        )
    }

    @Test(arguments: 0..<30, [1, 2])
    func phasesOfEveryRankAddUpToTheLayer(seed: Int, batches: Int) throws {
        let step = try TestExchanges(seed: seed, batches: batches, layers: 3, ranks: 2)
        for layer in try records(step, layers: 3, workers: 2).layers {
            for rank in layer.ranks {
                let sum = layer.gateSeconds + rank.seconds.total + layer.sharedSeconds + layer.mergeSeconds
                #expect(abs(sum - layer.seconds) < 1e-12, "seed \(seed), layer \(layer.layer), rank \(rank.rank)")
            }
            let own = [layer.gateSeconds, layer.sharedSeconds, layer.mergeSeconds, layer.seconds]
            #expect(own.allSatisfy { $0 >= 0 }, "seed \(seed), layer \(layer.layer): \(own)")
        }
    }

    @Test(arguments: 0..<30, [1, 2])
    func layersAddUpToTheStep(seed: Int, batches: Int) throws {
        let step = try TestExchanges(seed: seed, batches: batches, layers: 3, ranks: 2)
        let records = try records(step, layers: 3, workers: 2)
        let sum = records.layers.reduce(0) { $0 + $1.seconds }
        #expect(abs(sum - records.seconds) < 1e-12, "seed \(seed)")
        #expect(records.seconds == (step.span.upperBound - step.span.lowerBound).seconds)
    }

    /// Whatever a rank computes counts in one layer or another, and only once.
    @Test(arguments: 0..<30)
    func computingCountsOnceOverTheLayers(seed: Int) throws {
        let step = try TestExchanges(seed: seed, batches: 2, layers: 3, ranks: 2)
        let records = try records(step, layers: 3, workers: 2)
        for rank in 0..<2 {
            let stamps = step.exchanges.joined().flatMap { $0.ranks[rank].stamps }
            let computing = step.span.count { now in stamps.contains { ($0.started..<$0.finished).contains(now) } }
            let counted = records.layers.reduce(0) { $0 + $1.ranks[rank].seconds.compute }
            #expect(abs(counted - Double(computing) / 1e9) < 1e-12, "seed \(seed), rank \(rank)")
        }
    }

    /// With one micro-batch there is nothing to overlap with.
    @Test(arguments: 0..<30)
    func withoutOverlapNothingIsHiddenByIt(seed: Int) throws {
        let step = try TestExchanges(seed: seed, batches: 1, layers: 3, ranks: 2)
        for layer in try records(step, layers: 3, workers: 2).layers {
            let difference = layer.exposedWithoutOverlapSeconds - layer.exposedCommunicationSeconds
            #expect(abs(difference) < 1e-12, "seed \(seed), layer \(layer.layer)")
        }
    }

    /// Over the step, what one micro-batch computes hides the other's communication, and nothing adds any.
    @Test(arguments: 0..<30)
    func overlapOnlyHides(seed: Int) throws {
        let step = try TestExchanges(seed: seed, batches: 2, layers: 3, ranks: 2)
        let layers = try records(step, layers: 3, workers: 2).layers
        let exposed = layers.reduce(0) { $0 + $1.exposedCommunicationSeconds }
        let without = layers.reduce(0) { $0 + $1.exposedWithoutOverlapSeconds }
        #expect(exposed <= without + 1e-12, "seed \(seed): \(exposed), without overlap \(without)")
    }

    @Test func aLayerEndsWithItsLastMicroBatch() throws {
        let step = try TestExchanges(seed: 4, batches: 2, layers: 2, ranks: 2)
        let first = try records(step, layers: 2, workers: 2).layers[0]
        let ends = step.exchanges.map { $0[0].clock.ended }
        #expect(first.seconds == ((ends.max() ?? 0) - step.span.lowerBound).seconds)
    }

    /// The track says moment by moment what the records sum up: to the nanosecond.
    @Test(arguments: 0..<30, [1, 2])
    func piecesAreWhatTheRecordsSumUp(seed: Int, batches: Int) throws {
        let step = try TestExchanges(seed: seed, batches: batches, layers: 3, ranks: 2)
        let records = try records(step, layers: 3, workers: 2)
        #expect(records.tracks.count == 3)
        for (layer, track) in zip(records.layers, records.tracks) {
            #expect(track.layer == layer.layer)
            #expect((track.span.upperBound - track.span.lowerBound).seconds == layer.seconds)
            for (rank, pieces) in zip(layer.ranks, track.ranks.map(\.pieces)) {
                #expect(PhaseSeconds(pieces) == rank.seconds, "seed \(seed), layer \(layer.layer), rank \(rank.rank)")
                let coordinator = [Phase.gate, .shared, .merge].map { pieces.nanoseconds(in: $0).seconds }
                #expect(coordinator == [layer.gateSeconds, layer.sharedSeconds, layer.mergeSeconds], "seed \(seed)")
                let moments = [track.span.lowerBound] + pieces.map(\.span.upperBound)
                #expect(pieces.map(\.span.lowerBound) == moments.dropLast() && moments.last == track.span.upperBound)
                #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.phase != $1.phase }, "seed \(seed)")
            }
        }
        let ends = records.tracks.map(\.span.upperBound)
        #expect(records.tracks.map(\.span.lowerBound) == [step.span.lowerBound] + ends.dropLast())
    }

    /// Every chunk is in the track of its layer and rank, in order of dispatch.
    @Test(arguments: 0..<10)
    func chunksHaveTheCopiesAndBytesOfTheirRank(seed: Int) throws {
        let step = try TestExchanges(seed: seed, batches: 2, layers: 3, ranks: 2)
        let records = try records(step, layers: 3, workers: 2)
        for (layer, track) in zip(records.layers, records.tracks) {
            for (rank, chunks) in zip(layer.ranks, track.ranks.map(\.chunks)) {
                let seen = step.exchanges.flatMap { $0[layer.layer].ranks[rank.rank].chunks }
                #expect(chunks.count == seen.count)
                #expect(chunks.reduce(0) { $0 + $1.copies } == rank.copies)
                #expect(chunks.reduce(0) { $0 + $1.dispatchBytes } == rank.dispatchBytes)
                #expect(chunks.reduce(0) { $0 + $1.combineBytes } == rank.combineBytes)
                let handedOver = chunks.map(\.stamps.handedOver)
                #expect(handedOver == handedOver.sorted())
                #expect(chunks.allSatisfy { $0.stamps.fitted.moved == 0 })
            }
        }
    }

    @Test func theCoordinatorsWorkIsInTheTrack() throws {
        let step = try TestExchanges(seed: 3, batches: 2, layers: 3, ranks: 2)
        let experts = try records(step, layers: 3, workers: 2).coordinator.filter { $0.work == .experts }
        let seen = step.exchanges.flatMap { $0.compactMap(\.clock.ownExperts) }
        #expect(!seen.isEmpty)
        #expect(experts.map(\.span.lowerBound) == seen.map(\.lowerBound).sorted())
    }
}
