import MoE
import Placement
import Records
import Testing

@testable import CostModel

@Suite("Modelled clock")
struct LayerModelTests {
    private func rows(_ cluster: ModelledCluster, tokens: Int = 2000, skew: Float = 1, seed: UInt64 = 5) throws
        -> RoutedRows
    {
        let plan = samplePlan(tokens: tokens, experts: 32, topK: 4, popular: 2, skew: skew, seed: seed)
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 32, ranks: cluster.ranks)
        return RoutedRows(plan: plan, slots: SlotPlan(plan, placement: placement), cluster: cluster)
    }

    private func model(
        _ cluster: ModelledCluster,
        _ kernel: CommunicationKernel = .normal,
        overlap: OverlapMode = .none,
        straggler: Straggler? = nil
    ) throws -> LayerModel {
        try LayerModel(
            cluster: cluster,
            model: sampleShape,
            kernel: kernel,
            productsIn8Bits: true,
            dispatchIn8Bits: true,
            overlap: overlap,
            straggler: straggler
        )
    }

    /// The same model on hardware that launches in no time.
    private func free(_ model: LayerModel) throws -> LayerModel {
        let profile = try model.cluster.profile.withoutLaunches()
        return try self.model(ModelledCluster(profile: profile, ranks: model.cluster.ranks), model.communication.kernel)
    }

    private func record(_ model: LayerModel, _ rows: RoutedRows) -> LayerRecord {
        let shares = [Double](repeating: 1 / 32, count: 32)
        var record = LayerRecord(layer: 0, expected: ExpectedRouting(tokens: 2000, choices: 4, shares: shares))
        model.fill(&record, rows: rows)
        return record
    }

    @Test(arguments: CommunicationKernel.allCases, OverlapMode.allCases)
    func phasesOfEveryRankAddUpToTheLayer(kernel: CommunicationKernel, overlap: OverlapMode) throws {
        let cluster = try sampleCluster(ranks: 16)
        let record = record(try model(cluster, kernel, overlap: overlap), try rows(cluster, skew: 3))
        #expect(record.ranks.count == 16)
        for rank in record.ranks {
            let phases = [rank.seconds.dispatch, rank.seconds.compute, rank.seconds.combine, rank.seconds.wait]
            #expect(phases.allSatisfy { $0 >= 0 })
            #expect(abs(record.gateSeconds + rank.seconds.total - record.seconds) < 1e-12)
        }
        if overlap != .twoBatch {
            #expect(record.exposedCommunicationSeconds <= record.exposedWithoutOverlapSeconds + 1e-15)
        }
    }

    @Test func noScheduleBeatsFullOverlap() throws {
        let cluster = try sampleCluster(ranks: 16)
        let rows = try rows(cluster)
        let full = try model(cluster, overlap: .full).schedule(rows).seconds
        for overlap in OverlapMode.allCases {
            #expect(try model(cluster, overlap: overlap).schedule(rows).seconds >= full)
        }
    }

    @Test(arguments: CommunicationKernel.allCases)
    func moreTokensNeverTakeLess(kernel: CommunicationKernel) throws {
        let cluster = try sampleCluster(ranks: 16)
        let model = try model(cluster, kernel)
        var last = 0.0
        for tokens in [1, 8, 64, 512, 4096] {
            let shares = [Double](repeating: 1 / 32, count: 32)
            let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 32, ranks: 16)
            let expected = ExpectedRouting(tokens: Double(tokens), choices: 4, shares: shares)
            let seconds = model.schedule(RoutedRows(expected: expected, placement: placement, cluster: cluster)).seconds
            #expect(seconds >= last)
            last = seconds
        }
    }

    /// The busiest of the ranks bounds the layer: what is skewed costs more, and balance saves that much at most.
    @Test func skewCostsTime() throws {
        let cluster = try sampleCluster(ranks: 16)
        let model = try model(cluster)
        let (even, skewed) = (try rows(cluster), try rows(cluster, skew: 8))
        #expect(model.schedule(skewed).seconds > model.schedule(even).seconds)
        var limits = StepLimits()
        limits.add(skewed, of: model, withoutLaunches: try free(model))
        #expect(limits.busiest?.rank == 0)
        #expect(limits.busiest?.ratio ?? 0 > 1.2)
        #expect(limits.saving(\.balancedSeconds) > 0.05)
        #expect(limits.balancedSeconds <= limits.seconds)
        #expect(limits.withoutNicsSeconds < limits.seconds)
        #expect(limits.withoutComputeSeconds < limits.seconds)
    }

    /// A ring passes every token by every rank, and is bound by its links.
    @Test func aRingMovesAllTokens() throws {
        let cluster = try sampleCluster(ranks: 16)
        let rows = try rows(cluster)
        let ring = try model(cluster, .ring)
        let record = record(ring, rows)
        let row = 1024.0 + 32
        #expect(record.ranks.allSatisfy { $0.dispatchBytes == Int((2000 - 125) * row) })
        var limits = StepLimits()
        limits.add(rows, of: ring, withoutLaunches: try free(ring))
        // Both kinds of links carry all tokens; the slower one bounds, so neither alone saves while both are as fast.
        #expect(limits.withoutLaunchesSeconds < limits.seconds)
        #expect(limits.saving(\.withoutCommunicationSeconds) > 0)
    }

    /// Two halves launch twice; what overlap saves is held against the unsplit step.
    @Test func communicationWithoutOverlapIsThatOfTheWholeStep() throws {
        let cluster = try sampleCluster(ranks: 16)
        let rows = try rows(cluster)
        let plain = record(try model(cluster), rows)
        let split = record(try model(cluster, overlap: .twoBatch), rows)
        #expect(split.exposedWithoutOverlapSeconds == plain.exposedCommunicationSeconds)
    }

    @Test func aSlowRankIsWaitedFor() throws {
        let cluster = try sampleCluster(ranks: 8)
        let rows = try rows(cluster)
        let slow = record(try model(cluster, straggler: Straggler(rank: 3, factor: 3)), rows)
        let plain = record(try model(cluster), rows)
        #expect(slow.seconds > plain.seconds)
        #expect(abs(slow.ranks[3].seconds.compute - 3 * plain.ranks[3].seconds.compute) < 1e-12)
        #expect(slow.ranks[2].seconds.compute == plain.ranks[2].seconds.compute)
        #expect(slow.ranks[2].seconds.wait > plain.ranks[2].seconds.wait)
    }

    /// Two rows of one expert by hand: weights once, rows padded to the tile.
    @Test func expertsFollowTheirRoofline() throws {
        let profile = try sampleProfile()
        let work = ExpertWork(shape: sampleShape.expert, isIn8Bits: true)
        let compute = try ComputeModel(profile: profile, kernel: .masked, work: work)
        let (hidden, inner) = (1024.0, 512.0)
        let bandwidth = 4000e9 * 0.5
        let memory = (3 * hidden * inner + 2 * (3 * hidden + 5 * inner)) / bandwidth
        let products = 64 * 6 * hidden * inner / (1000e12 * 0.5)
        let expert = (memory * memory + products * products).squareRoot()
        let expected = 10e-6 + 3 * 10e-6 + expert + 2 * 5 * inner / bandwidth
        #expect(abs(compute.seconds(rows: [0, 2, 0], tokens: 2) - expected) < 1e-15)
    }

    @Test func hardwareWithoutProductsIn8BitsIsRefused() throws {
        let profile = try sampleProfile([.fp8Peak: 0])
        #expect(throws: HardwareError("hardware.products: found fp8, allowed: bf16, as sample has no products in fp8"))
        {
            try ComputeModel(
                profile: profile,
                kernel: .masked,
                work: ExpertWork(shape: sampleShape.expert, isIn8Bits: true)
            )
        }
    }

    @Test func memoryCountsWhatARankHolds() throws {
        let cluster = try sampleCluster(ranks: 8)
        let memory = try model(cluster, .lowLatency).memory(
            rows(cluster),
            slotsOfRank: [8, 8, 8, 8, 8, 8, 8, 8],
            reservedBytes: 1e9
        )
        let expert = 3.0 * 1024 * 512
        #expect(memory.routedWeights == 2 * 4 * expert)
        #expect(memory.commonWeights == 2 * (2 * 1024 * 32 + expert))
        #expect(memory.buffers == 2 * 4 * 8 * 250 * (1024 + 32 + 16 + 2048))
        #expect(memory.reserved == 1e9 && memory.capacity == 80e9 && memory.fits)
        #expect(!(try model(cluster).memory(rows(cluster), slotsOfRank: [8], reservedBytes: 80e9).fits))
    }

    /// By slots over all layers, of the rank with most; the buffers of low-latency kernels by those of the layer.
    @Test func memoryIsCountedBySlots() throws {
        let cluster = try sampleCluster(ranks: 8)
        let held = (0..<8).map { rank in Array(rank * 4..<rank * 4 + 4) + (rank == 5 ? [0, 1, 2] : []) }
        let placement = try LayerPlacement(experts: 32, expertsOfRank: held)
        let routing = ExpectedRouting(tokens: 2000, choices: 4, shares: [Double](repeating: 1 / 32, count: 32))
        let rows = RoutedRows(evenly: routing, placement: placement, cluster: cluster)
        let other = try PlacementPolicy.contiguous.layerPlacement(experts: 32, ranks: 8)
        let slots = try Placement(layers: [placement, other]).slotsOfRank
        let memory = try model(cluster, .lowLatency).memory(rows, slotsOfRank: slots, reservedBytes: 0)
        #expect(memory.routedWeights == 11 * 3 * 1024 * 512)
        #expect(memory.buffers == 2 * 7 * 8 * 250 * (1024 + 32 + 16 + 2048))
    }

    @Test func onlyWhatNobodyMeasuredIsAssumed() throws {
        var constants = try sampleProfile().constants
        constants[.nicBandwidth] = Constant(50, basis: .assumed, source: "a guess")
        constants[.maskedSlot] = Constant(1, basis: .assumed, source: "a guess")
        let profile = try HardwareProfile(name: "p", summary: "", constants: constants)
        let model = try model(ModelledCluster(profile: profile, ranks: 16))
        #expect(profile.assumed(among: model.constants) == [.nicBandwidth])
        let oneNode = try self.model(ModelledCluster(profile: profile, ranks: 8))
        #expect(profile.assumed(among: oneNode.constants) == [])
    }

    @Test func aPredictedLayerIsCoveredToTheNanosecond() throws {
        let cluster = try sampleCluster(ranks: 8)
        let model = try LayerModel(
            cluster: cluster,
            model: sampleShape,
            kernel: .normal,
            productsIn8Bits: true,
            dispatchIn8Bits: true,
            overlap: .twoBatch,
            straggler: nil
        )
        let routing = ExpectedRouting(tokens: 4096, choices: 4, shares: [Double](repeating: 1 / 32, count: 32))
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 32, ranks: 8)
        let rows = RoutedRows(evenly: routing, placement: placement, cluster: cluster)
        var layer = LayerRecord(layer: 0, expected: routing)
        model.fill(&layer, rows: rows)
        let step = StepRecord(step: 0, tokens: 4096, seconds: layer.seconds, layers: [layer])
        let track = StepTrack(of: step, starting: 0)
        for (record, rank) in zip(layer.ranks, track.layers[0].ranks) {
            #expect(rank.pieces.first?.span.lowerBound == 0)
            #expect(rank.pieces.last?.span.upperBound == track.span.upperBound)
            for phase in Phase.ofRank {
                let difference = Double(rank.pieces.nanoseconds(in: phase)) - record.seconds[phase] * 1e9
                #expect(abs(difference) <= 1, "\(phase)")
            }
        }
    }
}
