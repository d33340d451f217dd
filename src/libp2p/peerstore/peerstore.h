// peerstore: what a node knows of others: who may be connected to, where they are said to be, and what others say of
// us.
//
//   stored.h              what outlives the process, and the orders to whoever keeps it
//   gate.h                Gate: trust, allow, deny and ban rules; bans that grow with offences
//   address_book.h        AddressBook: known peers, their addresses, whom to dial next
//   dial_limiter.h        DialLimiter: how often addresses that only others vouch for are dialed
//   dialable.h            which addresses are dialed at all
//   observed_addresses.h  ObservedAddresses: which of our own addresses others agree on
//
// Plain values with functions: no machine of their own, no effects. The swarm asks them and tells them. What has to be
// kept on the disk is collected as StoreOrder and taken by take_orders(), so that the order of changes is the order on
// the disk.
//
// All that comes from peers is bounded, and says in its header what happens at the bound:
//   Gate              rules_max rules, offenders_max peers and offender_ranges_max ranges whose offences are remembered
//   AddressBook       known_max peers, with shares per teller, per source and per group of addresses
//   DialLimiter       dials_max dials in its longest window
//   ObservedAddresses groups_max groups, observers_per_group_max observers in each
//
// Iteration is by peer id or range, never by hash or insertion; ties that an attacker could aim at are broken by the
// caller's generator.
#pragma once

#include "libp2p/peerstore/address_book.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/peerstore/observed_addresses.h"
