import Basics
internal import Foundation
internal import Glibc
import Reports

extension RunIndex {
    /// The runs that the rules name, the newest first, with what is to be done with each. Nothing is deleted.
    public func candidates(_ rules: PruneRules) throws(RunStoreError) -> [PruneCandidate] {
        var filter = rules.filter
        (filter.sort, filter.isDescending, filter.limit) = (nil, false, nil)
        return try runs(filter).dropFirst(rules.keep).map { PruneCandidate(run: $0, fate: fate(of: $0)) }
    }

    /// Deletes the folder of a run as ``PruneCandidate/fate`` says, then takes it out of the index.
    ///
    /// What the folder holds is looked at again; symbolic links in it are removed, not followed.
    ///
    /// - Throws: ``RunStoreError`` when the folder cannot be deleted, or must not be.
    public func prune(_ run: IndexedRun) throws(RunStoreError) {
        switch fate(of: run) {
        case .stay(let reason): throw RunStoreError("'\(Printable.text(run.folder))' stays: \(reason)")
        case .forget: break
        case .delete:
            do {
                try FileManager.default.removeItem(atPath: run.folder)
            } catch {
                throw RunStoreError("cannot delete '\(Printable.text(run.folder))': \(error.localizedDescription)")
            }
        }
        try remove(id: run.id)
    }

    /// A folder is deleted only when nothing about it is doubtful.
    private func fate(of run: IndexedRun) -> PruneCandidate.Fate {
        guard FileKind.of(run.folder) != nil else { return .forget }
        guard isBelowWithoutLinks(run) else { return .stay("a symbolic link leads to its folder") }
        guard FileKind.of("\(run.folder)/\(RunFolder.configName)") == .file,
            FileKind.of("\(run.folder)/\(RunFolder.reportName)") == .file
        else { return .stay("its folder lacks config.yaml or report.json") }
        guard FileKind.of("\(run.folder)/\(SweepFolder.recordName)") == nil else {
            return .stay("it is a point of a sweep, which needs it")
        }
        guard let found = try? FoundRun(run.folder, relativeTo: folder), found.id == run.id else {
            return .stay("the report in its folder is not that of the run")
        }
        return .delete
    }

    /// True where the folder lies below that of the index, and no symbolic link is on the way.
    private func isBelowWithoutLinks(_ run: IndexedRun) -> Bool {
        let parts = run.text("path").split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, !parts.contains(where: { ["", ".", ".."].contains($0) }) else { return false }
        var path = folder
        for part in parts {
            path += "/\(part)"
            guard FileKind.of(path) == .folder else { return false }
        }
        return true
    }
}
