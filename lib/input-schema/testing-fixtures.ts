import type { Fixture } from "@/lib/input-schema/testing-fixture";
import { CONTAINERS } from "@/lib/input-schema/testing-fixtures-containers";
import { LOGIC } from "@/lib/input-schema/testing-fixtures-logic";
import { SCALARS } from "@/lib/input-schema/testing-fixtures-scalars";

export const FIXTURES: Fixture[] = [...SCALARS, ...CONTAINERS, ...LOGIC];
