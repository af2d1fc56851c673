import Basics
import FoundationEssentials
import Records
import TestSupport
import Testing

@testable import Reports

@Suite("Timeline")
struct TimelineWriterTests {
    private let temporary: TemporaryFolder
    private let folder: RunFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = try RunFolder.create(parent: temporary.path, id: try RunID("small"))
    }

    private func writer() throws -> TimelineWriter {
        try folder.timelineWriter(epsimVersion: "0.1.0", clock: .measured)
    }

    /// The file of steps, read back.
    private func file(_ steps: some Sequence<StepTrack>) throws -> TimelineFile {
        let writer = try writer()
        for step in steps { try writer.append(step) }
        try writer.finish()
        return try TimelineFile(path: folder.path + "/trace.json.gz")
    }

    @Test(arguments: UInt64(1)...10)
    func slicesOfAThreadNestOrDoNotOverlap(seed: UInt64) throws {
        let file = try file((0..<3).map { TraceSamples.step($0, seed: seed) })
        #expect(file.faults == [])
        let deep = file.slices.filter { $0.thread.name != "phases" && $0.path.count != 1 }
        #expect(deep.isEmpty, "chunks overlap: \(deep)")
        let threads = Set(file.slices.filter { $0.thread.process == "rank 0" }.map(\.thread.name))
        #expect(threads.isSuperset(of: ["phases", "send", "send 2", "compute", "compute 2", "receive", "receive 2"]))
    }

    @Test func phasesLieInLayersAndTheseInSteps() throws {
        let steps = (0..<3).map { TraceSamples.step($0) }
        let file = try file(steps)
        for rank in 0..<2 {
            let expected = steps.flatMap { step in
                step.layers.flatMap { layer in
                    layer.ranks[rank].pieces.map { ["step \(step.step)", "layer \(layer.layer)", $0.phase.rawValue] }
                }
            }
            let thread = TimelineFile.Thread(process: "rank \(rank)", name: "phases")
            #expect(file.slices.filter { $0.thread == thread && $0.path.count == 3 }.map(\.path) == expected)
            for phase in Phase.allCases {
                let sum = steps.flatMap(\.layers).reduce(0) { $0 + $1.ranks[rank].pieces.nanoseconds(in: phase) }
                #expect(file.phases(of: "rank \(rank)")[phase.rawValue, default: 0] == sum, "\(phase)")
            }
        }
    }

    @Test func timeBeginsWithTheFirstStep() throws {
        let file = try file([TraceSamples.step(4), TraceSamples.step(5)])
        let steps = file.slices.filter { $0.path.count == 1 && $0.thread.name == "phases" }
        #expect(Set(steps.map(\.span)) == [0...2000, 3000...5000])
    }

    @Test func chunksHaveTheirMomentsCopiesAndBytes() throws {
        let step = TraceSamples.step(0)
        let file = try file([step])
        let chunks = step.layers.flatMap { layer in layer.ranks[1].chunks.map { (layer.layer, $0) } }
        func slices(_ thread: String) -> Set<[Int64]> {
            Set(
                file.slices.filter { $0.thread.process == "rank 1" && $0.thread.name.hasPrefix(thread) }.map {
                    [$0.span.lowerBound + 500, $0.span.upperBound + 500, Int64($0.arguments["copies"] ?? -1)]
                        + ($0.arguments["bytes"].map { [Int64($0)] } ?? [])
                }
            )
        }
        func expected(_ moments: (ChunkStamps) -> (Int64, Int64), _ bytes: (ChunkTrack) -> Int?) -> Set<[Int64]> {
            Set(
                chunks.map { _, chunk in
                    let (start, end) = moments(chunk.stamps)
                    return [start, end, Int64(chunk.copies)] + (bytes(chunk).map { [Int64($0)] } ?? [])
                }
            )
        }
        #expect(slices("send") == expected({ ($0.handedOver, $0.received) }, \.dispatchBytes))
        #expect(slices("compute") == expected({ ($0.started, $0.finished) }, { _ in nil }))
        #expect(slices("receive") == expected({ ($0.returned, $0.collected) }, \.combineBytes))
    }

    @Test(arguments: UInt64(1)...5)
    func anArrowJoinsTheSlicesOfAChunk(seed: UInt64) throws {
        let steps = (0..<2).map { TraceSamples.step($0, seed: seed) }
        let file = try file(steps)
        #expect(file.flows.count == 2 * 2 * 2 * 6)
        for points in file.flows.values { #expect(points.flowFaults == []) }
    }

    @Test func countersReturnToNothing() throws {
        let step = TraceSamples.step(0)
        let file = try file([step])
        for rank in 0..<2 {
            let own = file.counters.filter { $0.process == "rank \(rank)" }
            let load = own.filter { $0.name == "load" }
            let copies = step.layers.map { $0.ranks[rank].chunks.reduce(0) { $0 + $1.copies } }
            #expect(load.map { $0.values["copies"] } == copies + [0])
            let flight = own.filter { $0.name == "bytes in flight" }
            #expect(flight.last?.values == ["dispatch": 0, "combine": 0])
            #expect(zip(flight, flight.dropFirst()).allSatisfy { $0.time < $1.time })
            let chunks = step.layers.flatMap { $0.ranks[rank].chunks }
            for point in flight {
                let now = point.time + 500
                let sent = chunks.filter { ($0.stamps.handedOver..<$0.stamps.received).contains(now) }
                let back = chunks.filter { ($0.stamps.returned..<$0.stamps.collected).contains(now) }
                let expected = [
                    "dispatch": sent.reduce(0) { $0 + $1.dispatchBytes },
                    "combine": back.reduce(0) { $0 + $1.combineBytes },
                ]
                #expect(point.values == expected)
            }
        }
    }

    @Test func theCoordinatorIsAProcessWhereThereIsOne() throws {
        let own = try file([TraceSamples.step(0)]).slices.filter { $0.thread.process == "coordinator" }
        #expect(own.filter { $0.thread.name == "work" }.map(\.path) == [["permute L0"]])
        #expect(own.filter { $0.thread.name == "experts" }.map(\.path) == [["experts L0"]])
        let phases = own.filter { $0.thread.name == "phases" && $0.path.count == 3 }.map(\.path[2])
        #expect(phases == ["gate", "merge", "gate", "merge"])
    }

    @Test func aModelledStepHasNoCoordinator() throws {
        var step = TraceSamples.step(0)
        step.coordinator = []
        let file = try file([step])
        #expect(Set(file.slices.map(\.thread.process)) == ["rank 0", "rank 1"])
        #expect(file.faults == [])
    }

    @Test func itSaysWhatItHolds() throws {
        let about = try file((0..<3).map { TraceSamples.step($0) }).about
        #expect(about.string("run_id") == "small" && about.string("epsim_version") == "0.1.0")
        #expect(about.string("clock") == "measured")
        #expect(about["steps_held"]?.int == 3 && about["steps_measured"]?.int == 3)
        #expect(try file([]).about["steps_held"]?.int == 0)
    }

    @Test func itIsBounded() throws {
        let summary = try write(10, mostSlices: 500)
        #expect(summary.stepsMeasured == 10 && summary.stepsHeld > 1 && summary.stepsHeld < 10)
        let file = try TimelineFile(path: folder.path + "/trace.json.gz")
        #expect(file.about["steps_held"]?.int == summary.stepsHeld)
        let names = Set(file.slices.filter { $0.path.count == 1 && $0.thread.name == "phases" }.map(\.path[0]))
        #expect(names == Set((0..<summary.stepsHeld).map { "step \($0)" }))
        let slices = (0..<10).map { TraceSamples.step($0).slices }
        #expect(file.slices.count == slices.prefix(summary.stepsHeld).reduce(0, +))
        #expect(file.slices.count <= 500 && file.slices.count + slices[summary.stepsHeld] > 500)
    }

    @Test func aStepThatIsLargerThanTheBoundIsHeldAlone() throws {
        let summary = try write(2, mostSlices: 10)
        #expect(summary.stepsHeld == 1 && summary.stepsMeasured == 2)
    }

    private func write(_ steps: Int, mostSlices: Int) throws -> TimelineSummary {
        let summary = TimelineSummary(id: folder.id, epsimVersion: "0.1.0", clock: .measured)
        let writer = try TimelineWriter(folder: folder.path, summary: summary, mostSlices: mostSlices)
        for index in 0..<steps { try writer.append(TraceSamples.step(index)) }
        try writer.finish()
        return writer.summary
    }

    /// What was appended can be read though the process dies before the end.
    @Test func aTimelineThatIsGivenUpKeepsItsSteps() throws {
        func giveUp() throws { try writer().append(TraceSamples.step(0)) }
        try giveUp()
        #expect(try temporary.names(in: "small") == ["trace.json.gz.partial"])
        let error = #expect(throws: Gzip.Trouble.self) { try Gzip.contents(of: folder.path + "/trace.json.gz.partial") }
        #expect(error?.read.contains("\"name\":\"step 0\"") == true && error?.read.hasSuffix("}") == true)
    }

    @Test func aFinishedTimelineTakesNoMore() throws {
        let writer = try writer()
        try writer.finish()
        let error = ReportError(.file, "'\(folder.path)/trace.json.gz' is finished; nothing can be added to it")
        #expect(throws: error) { try writer.append(TraceSamples.step(0)) }
        #expect(throws: error) { try writer.finish() }
    }

    @Test func aFullDiskIsAnErrorWithItsReason() throws {
        let partial = folder.path + "/trace.json.gz.partial"
        try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: "/dev/full")
        let error = FileError("write", partial, reason: "No space left on device")
        let writer = try writer()
        #expect(throws: error) { try writer.append(TraceSamples.step(0)) }
        #expect(throws: error) { try writer.finish() }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/trace.json.gz"))
    }
}
