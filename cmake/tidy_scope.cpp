// Loaded into clang-tidy by deploy/lint: its matchers walk what the project's own files declare,
// not what the headers of libraries and of the protocol's generated code do. Those declarations are
// reported to nobody (HeaderFilterRegex) and took nine tenths of the time. clangd narrows the same
// scope.
#include <memory>
#include <string>
#include <vector>

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

namespace {

class Scope final : public clang::ASTConsumer {
    void HandleTranslationUnit(clang::ASTContext& context) override {
        const auto& sources = context.getSourceManager();
        std::vector<clang::Decl*> own;
        for (auto* declared : context.getTranslationUnitDecl()->decls()) {
            const auto at = sources.getExpansionLoc(declared->getBeginLoc());
            if (at.isInvalid() || sources.isInSystemHeader(at) ||
                sources.getFilename(at).ends_with(".pb.h"))
                continue;
            own.push_back(declared);
        }
        context.setTraversalScope(own);
    }
};

class BeforeTheChecks final : public clang::PluginASTAction {
    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance&,
                                                          llvm::StringRef) override {
        return std::make_unique<Scope>();
    }
    bool ParseArgs(const clang::CompilerInstance&, const std::vector<std::string>&) override {
        return true;
    }
    ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<BeforeTheChecks> registered("mash-scope",
                                                                     "own declarations");

}  // namespace
