import Testing

@testable import Runtime

@Suite("Limits of the operating system")
struct ResourceLimitsTests {
    private let need = ResourceNeed.coordinator(workers: 16, startsWorkers: true)

    @Test func withoutLimitsNothingIsShort() {
        #expect(need.shortages(in: ResourceLimits()).isEmpty)
    }

    @Test func eachShortageNamesLimitAndNeed() {
        let limits = ResourceLimits(
            openFiles: 191,
            threads: 191,
            addressSpace: 1 << 29,
            data: 1 << 20,
            fileSize: 8 << 10,
            stack: 64 << 10
        )
        #expect(
            need.shortages(in: limits) == [
                "open files: found a limit of 191 (ulimit -n), allowed: at least 192 for 16 workers",
                "processes and threads left: found a limit of 191 (ulimit -u), allowed: at least 192 for 16 workers",
                "address space: found a limit of 512 MiB (ulimit -v), allowed: at least 1024 MiB for 16 workers",
                "data: found a limit of 1 MiB (ulimit -d), allowed: at least 256 MiB for 16 workers",
                "size of a file: found a limit of 8 KiB (ulimit -f), allowed: at least 64 KiB for 16 workers",
                "stack: found a limit of 64 KiB (ulimit -s), allowed: at least 256 KiB for 16 workers",
            ]
        )
        #expect(need.shortages(in: ResourceLimits(openFiles: 192, threads: 192)).isEmpty)
    }

    /// Workers of other machines need connections here, not threads.
    @Test func othersThreadsAreNotCounted() {
        let remote = ResourceNeed.coordinator(workers: 16, startsWorkers: false)
        #expect(remote.shortages(in: ResourceLimits(threads: 16)).isEmpty)
        #expect(remote.shortages(in: ResourceLimits(openFiles: 191)).count == 1)
    }

    @Test func weightsNeedAddressSpace() {
        let holding = need.holding(0x1p32)
        #expect(holding.shortages(in: ResourceLimits(addressSpace: 4 << 30)).count == 1)
        #expect(holding.shortages(in: ResourceLimits(addressSpace: 5 << 30)).isEmpty)
    }

    @Test func thisProcessHasEnough() throws {
        ResourceLimits.settle()
        try ResourceNeed.program.check(.current)
    }
}
