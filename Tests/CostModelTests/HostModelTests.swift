import MoE
import Records
import Testing

@testable import CostModel

@Suite("The model of a host")
struct HostModelTests {
    @Test(arguments: [1, 3, 7])
    func phasesOfEveryRankSumToTheLayer(chunks: Int) throws {
        for workers in 1...4 {
            let model = HostModel(profile: try Hosts.profile(), stack: Hosts.stack(workers: workers))
            var memory = model.memory
            let times = model.times(Hosts.layer(tokens: 512, workers: workers, chunks: chunks), &memory)
            for rank in times.ranks {
                let sum = times.gateSeconds + rank.total + times.sharedSeconds + times.mergeSeconds
                #expect(abs(sum - times.seconds) < 2e-9)
            }
            let byPhase = Phase.allCases.reduce(0) { $0 + times.seconds(in: $1) }
            #expect(abs(byPhase - times.seconds) < 1e-8)
        }
    }

    @Test func moreTokensTakeLonger() throws {
        let model = HostModel(profile: try Hosts.profile(), stack: Hosts.stack(workers: 2))
        let seconds = [16, 64, 256, 1024, 4096].map { tokens in
            var memory = model.memory
            return model.times(Hosts.layer(tokens: tokens, workers: 2, chunks: 1), &memory).seconds
        }
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 < $1 }, "\(seconds)")
    }

    @Test(arguments: [
        HostConstant.f32Products, .cacheBandwidth, .coreBandwidth, .memoryBandwidth, .linkBandwidth, .cores,
    ])
    func aBetterMachineIsNotSlower(constant: HostConstant) throws {
        let slow = try Hosts.seconds(Hosts.profile(), workers: 4)
        let fast = try Hosts.seconds(Hosts.profile([constant: 10_000]), workers: 4)
        #expect(fast <= slow)
    }

    @Test(arguments: [
        HostConstant.productSetup, .layerStart, .routeExpert, .permuteCopy, .rowCopy, .sumCopy, .sumToken,
        .messageLatency, .messageWork, .threadWake,
    ])
    func eachConstantOfWorkCounts(constant: HostConstant) throws {
        let plain = try Hosts.seconds(Hosts.profile(), workers: 2)
        let more = try Hosts.seconds(Hosts.profile([constant: Hosts.profile()[constant] * 100]), workers: 2)
        #expect(more > plain)
    }

    /// On a core for each thread, four workers compute at once; on one core their work adds up.
    @Test func busyThreadsShareTheCores() throws {
        let profile = try Hosts.profile([.cores: 1, .memoryBandwidth: 1e4, .coreBandwidth: 1e4])
        let model = HostModel(profile: profile, stack: Hosts.stack(workers: 4))
        var memory = model.memory
        let times = model.times(Hosts.layer(tokens: 512, workers: 4, chunks: 1), &memory)
        #expect(abs(times.seconds - times.processorSeconds) < 1e-8, "one core is never idle, and never does two things")
        let wide = HostModel(profile: try Hosts.profile([.cores: 64]), stack: Hosts.stack(workers: 4))
        memory = wide.memory
        let apart = wide.times(Hosts.layer(tokens: 512, workers: 4, chunks: 1), &memory)
        #expect(apart.seconds < apart.processorSeconds / 2)
    }

    /// One worker, one chunk, nothing but products: operations / rate, to the rounding of stamps.
    @Test func computeIsARoofline() throws {
        let profile = try Hosts.profile([.cacheSize: 1e6, .rowCopy: 1e-9])
        let stack = Hosts.stack(workers: 1)
        let model = HostModel(profile: profile, stack: stack)
        var memory = model.memory
        let rank = HostLayer.Rank(expertRows: [32], sentRows: 32, replyRows: 32)
        let times = model.times(HostLayer(tokens: 32, chunks: 1, ranks: [rank]), &memory)
        let expected = 32 * Double(stack.model.expert.flopsPerToken) / (profile[.f32Products] * 1e9)
        #expect(abs(times.ranks[0].compute / expected - 1) < 1e-3)
    }

    @Test func aLayerWithoutRowsEnds() throws {
        let model = HostModel(profile: try Hosts.profile(), stack: Hosts.stack(workers: 2))
        var memory = model.memory
        let idle = HostLayer.Rank(expertRows: [], sentRows: 0, replyRows: 0)
        let times = model.times(HostLayer(tokens: 8, chunks: 1, ranks: [idle, idle]), &memory)
        #expect(times.seconds > 0 && times.seconds.isFinite)
        #expect(times.ranks.allSatisfy { $0.compute == 0 })
    }

    @Test func sharedExpertsOfTheCoordinatorRunBesideTheRanks() throws {
        var stack = Hosts.stack(workers: 2)
        stack.model.sharedExpert = ExpertShape(hidden: 256, ffn: 8192, activation: .swiglu)
        stack.sharesOnCoordinator = true
        let model = HostModel(profile: try Hosts.profile([.cores: 8]), stack: stack)
        var memory = model.memory
        let times = model.times(Hosts.layer(tokens: 256, workers: 2, chunks: 1), &memory)
        #expect(times.sharedSeconds > 0)
        #expect(times.seconds < times.processorSeconds)
    }

    @Test func theSameStepsGiveTheSameTimes() throws {
        let once = try Hosts.seconds(Hosts.profile(), workers: 3)
        let again = try Hosts.seconds(Hosts.profile(), workers: 3)
        #expect(once == again)
    }

    @Test func rowCountsAreSetUpOnce() {
        var counts = RowCounts()
        #expect(counts.use(0) == 0)
        #expect(counts.use(20) == 0, "prepared before the first step")
        #expect(counts.use(100) == 1)
        #expect(counts.use(100) == 0)
        #expect(counts.use(300) == 2, "blocks of 160 and 140")
        for rows in 101...200 { _ = counts.use(rows) }
        #expect(counts.use(100) == 1, "dropped, as the least recently used")
    }

    @Test func profilesAreChecked() throws {
        #expect(throws: HardwareError("cores: found 1.5, allowed: an integer from 1 to 1000000")) {
            try Hosts.profile([.cores: 1.5])
        }
        #expect(throws: HardwareError("sum_copy: found 0.0, allowed: a number from 1e-9 to 1e12")) {
            try Hosts.profile([.sumCopy: 0])
        }
        #expect {
            try HostProfile(name: "n", processor: "p", constants: [:])
        } throws: {
            "\($0)".hasPrefix("cores: missing")
        }
    }
}
