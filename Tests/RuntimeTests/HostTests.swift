import Testing

@testable import Runtime

@Suite struct HostTests {
    @Test func hostIsKnown() throws {
        #expect(!Host.name.isEmpty && !Host.bootID.isEmpty && Host.cores >= 1)
        #expect(try #require(Host.availableMemory) <= #require(Host.totalMemory))
        #expect((1 << 20..<1 << 40).contains(Host.residentMemory))
    }
}
