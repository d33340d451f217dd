// One iterative lookup: whom to ask next, and when it is over. No streams, no clock. spec: kad-dht#peer-routing
//
// The peers it starts with are dealt out to disjoint paths (S/Kademlia, Baumgart and Mies 2007). A path asks the
// closest it has been told of on itself, and no peer is asked on two paths: a path that a hostile node has led astray
// does not take the others with it. A path ends when its `path_width` closest have answered; when all have, the k
// closest of all are asked in the same way. A peer of whose peers most could not be reached is suspect, and so are the
// others that only it has told of: they are asked no more, and stand in nobody's way.
//
// Bounds: Config::asked_max, candidates_max; k peers are taken of an answer.
#pragma once

#include "libp2p/kademlia/kademlia_actions.h"
#include "libp2p/kademlia/key.h"

#include <array>
#include <optional>
#include <span>

namespace libp2p::kademlia {

struct Config;

enum class Standing : std::uint8_t { known, asked, answered, failed };

struct Candidate {
    static constexpr std::size_t tellers_max = 4;
    PeerId id;
    Key distance{};                     // from the target
    std::vector<Multiaddr> addresses;
    Standing standing = Standing::known;
    bool slow = false;                  // asked long ago: neither counted against alpha nor waited for
    bool from_start = false;            // or told of
    std::uint8_t hop = 1;               // answers that led here, and its own
    std::uint8_t asked_on = 0;          // the path
    std::uint16_t paths = 0;            // bit p: known on path p
    std::uint16_t told_failed = 0;      // of the candidates that it told of
    std::uint16_t told_answered = 0;
    std::uint8_t teller_count = 0;
    std::array<std::uint16_t, tellers_max> tellers{};  // candidates: the first that told of it
};

using CandidateId = std::uint16_t;

class Lookup {
public:
    Lookup() = default;
    Lookup(Key const& target, PeerId const& self) : target_(target), self_(self) {}

    /// A peer to begin with; the closest are to come first. It is dealt to the paths in turn.
    void start_with(PeerId const& id, std::vector<Multiaddr> const& addresses, Config const& config);
    /// The next to ask, which then counts as asked; nothing when it is to wait, or over.
    std::optional<CandidateId> next(Config const& config);
    bool is_over(Config const& config) const;

    /// `told`: in the order of the answer; peers of no address and unconnected are to be left out by the caller.
    void on_answer(CandidateId from, std::span<PeerAddresses const> told, Config const& config);
    void on_failure(CandidateId of);
    /// It was not asked after all, since it cannot be.
    void on_unaskable(CandidateId of);
    /// It has been asked long ago: it counts no more, and the lookup may end without it. An answer still counts.
    void on_slow(CandidateId of);

    Candidate const& at(CandidateId id) const { return candidates_[id]; }
    std::vector<Candidate> const& candidates() const { return candidates_; }
    /// Those that answered, the closest first.
    std::vector<CandidateId> answered(std::size_t count) const;
    std::uint32_t asked() const { return asked_; }
    std::uint32_t answers() const { return answers_; }
    std::uint32_t under_way() const { return under_way_; }
    bool empty() const { return candidates_.empty(); }

private:
    static constexpr std::uint8_t closing_path =
        15;  // not one of them: when they are over, all are asked that are near
    static constexpr std::size_t addresses_max = 8;   // of a candidate
    bool is_suspect(Candidate const& candidate) const;
    std::optional<CandidateId> next_on(std::uint8_t path, Config const& config) const;
    bool paths_are_over(Config const& config) const;
    void end(CandidateId id, Standing standing);
    void insert(PeerAddresses const& peer, std::uint8_t path, std::optional<CandidateId> teller, Config const& config);
    std::optional<CandidateId> make_room(Key const& distance, std::uint8_t path);

    Key target_{};
    PeerId self_;
    std::vector<Candidate> candidates_;
    std::vector<CandidateId> order_;    // by distance
    std::array<std::uint16_t, 16> busy_{};  // by path: asked, and not slow
    std::uint8_t turn_ = 0;             // of the paths
    std::uint8_t dealt_ = 0;
    std::uint32_t asked_ = 0;
    std::uint32_t answers_ = 0;
    std::uint32_t under_way_ = 0;
    std::uint32_t quick_ = 0;           // of those, not slow
};

}  // namespace libp2p::kademlia
